"""What do customers say in their own words?

Comments are tokenised once (tokens) and read for tone (tone), themes, terms and needs.
"""
