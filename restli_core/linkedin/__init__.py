"""What is LinkedIn's own, and not Rest.li's: a module for each subject. Nothing else in the core imports this package.

versions    when a version of LinkedIn's API ends, and which one is the newest
"""

__all__: list[str] = []
