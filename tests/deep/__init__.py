"""What is too big for every run: each module is a program, ``python -m tests.deep.NAME --seed N --size N``.

    laws          every property, on `size` examples each
    codec         `size` random values through both codecs and back, from the random module alone
    wire          `size` calls of each method through all six transports, byte for byte
    nesting       every walk through nested values, `size` levels deep
    paging        `size` elements by each kind of paging, in memory that does not grow
    chaos         `size` calls at once over each transport, through a server that fails by chance
    journal       `size` creates, and a flow of a tenth as many, in runs that are killed and started again
    dask_cluster  `size` calls in each run by a cluster of two workers, one of which is killed
    datahub       `size` jobs of DataHub's own emitter, each read as it was meant; in an environment of its own
    analytics     reports of `size` campaigns over a year, complete to the row
    uploads       videos of `size` megabytes, in memory that does not grow, while parts fail and a client is killed

Each prints its figures and ends with a status other than 0 where something fell short. `.ci/deep` runs them all. The
same seed gives the same inputs, so that a failure can be seen again. `arguments` and `faults` are what they share.
"""
