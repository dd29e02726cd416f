"""What the four clients share; nothing in here is public.

    kept                  what stands for an argument that was left out
    clocks, async_clocks  the system's clock
    environment           settings that the environment has
    settings              a client's settings, as a frozen value that is checked once
    shared                the state that a client and its clones have in common
    steps                 the steps of a call's flow, and how a client performs one
    sunset                what is told of the version that is asked for
    flow                  the way from a call to its answer: tokens, tries, waits, events
    base                  a transport and what is sent over it; the default transports; closing
    methods               methods that are made of functions

Each module may import those above it.
"""
