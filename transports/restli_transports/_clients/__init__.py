"""What the four clients share; nothing in here is public.

    settings    a client's settings, as a frozen value that is checked once
    environment settings that the environment has
    flow        the steps from a call to its answer, and how a client performs one
    base        a transport and what is sent over it; the default transports; closing
    methods     methods that are made of functions

Each module may import those above it.
"""
