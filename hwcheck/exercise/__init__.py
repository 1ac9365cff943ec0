"""The child's side that judges: examples generated beside the plugin's objects and the real vLLM.

What is here runs in the plugin's process and may use torch, vLLM and hypothesis; of hwcheck it
uses the probe, the records, and the tables of what vLLM relies on (`hosts.bases` and
`hosts.members`).
"""
