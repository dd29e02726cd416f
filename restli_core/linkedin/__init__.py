"""What is LinkedIn's own, and not Rest.li's: a module for each subject. Nothing else in the core imports this package.

analytics   reports of adAnalytics, complete to the row, and the limit on their size
uploads     images, documents and videos, a part at a time, taken up where they were cut
versions    when a version of LinkedIn's API ends, and which one is the newest
"""

__all__: list[str] = []
