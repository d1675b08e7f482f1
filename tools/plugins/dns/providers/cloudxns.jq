# CloudXNS was switched off; the descriptor's "gone" says so.
null
