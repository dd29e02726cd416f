"""What is LinkedIn's own, and not Rest.li's: a module for each subject. Nothing else in the core imports this package.

analytics      reports of adAnalytics, complete to the row, and the limit on their size
conversions    events of the Conversions API, and the hash of an email address
dates          days and moments as LinkedIn's APIs have them, and back
money          amounts of money as they have them
versions       when a version of LinkedIn's API ends, and which one is the newest
webhooks       answers to challenges, and signatures of notifications
"""

__all__: list[str] = []
