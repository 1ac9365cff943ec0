"""Labelled stand-ins for vendor modules that are not installed, put in front of a plugin.

Only what is asked for by name gets one. They run in every process of the plugin, so they need the
standard library alone; what is seen with their help proves nothing of the vendor's libraries.
"""
