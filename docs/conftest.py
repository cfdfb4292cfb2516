"""What of this folder is tested: the code in its pages, not the build's own files."""

collect_ignore_glob = ["conf.py", "_build/*", "auto_examples/*", "generated/*"]
