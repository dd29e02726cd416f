"""What is too big for every run: each module is a program, ``python -m tests.deep.NAME --seed N --size N``.

    laws       every property, on `size` examples each
    codec      `size` random values through both codecs and back, from the random module alone
    wire       `size` calls of each method through all six transports, byte for byte
    nesting    every walk through nested values, `size` levels deep
    paging     `size` elements by each kind of paging, in memory that does not grow
    chaos      `size` calls at once over each transport, through a server that fails by chance
    datahub    `size` jobs of DataHub's own emitter, each read as it was meant; in an environment of its own

Each prints its figures and ends with a status other than 0 where something fell short. `.ci/deep` runs them all. The
same seed gives the same inputs, so that a failure can be seen again.
"""
