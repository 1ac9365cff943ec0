"""From the text of one source file to facts and uses; knows no host."""
