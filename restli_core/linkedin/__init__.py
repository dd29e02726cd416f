"""What is LinkedIn's own, and not Rest.li's: a module for each subject. Nothing else in the core imports this package.

analytics   reports of adAnalytics, complete to the row, and the limit on their size
little_text the text of a post, with its mentions and hashtags
posts       the entities of posts, one function for each kind
uploads     images, documents and videos, a part at a time, taken up where they were cut
versions    when a version of LinkedIn's API ends, and which one is the newest
"""

__all__: list[str] = []
