"""What is LinkedIn's own, and not Rest.li's: a module for each subject. Nothing else in the core imports this package.

analytics      reports of adAnalytics, complete to the row, and the limit on their size
conversions    events of the Conversions API, and the hash of an email address
dates          days and moments as LinkedIn's APIs have them, and back
little_text    the text of a post, with its mentions and hashtags
money          amounts of money as they have them
posts          the entities of posts, one function for each kind
uploads        images, documents and videos, a part at a time, taken up where they were cut
versions       when a version of LinkedIn's API ends, and which one is the newest
webhooks       answers to challenges, and signatures of notifications
"""

__all__: list[str] = []
