"""How repositories, their files, activity and stars are read from GitHub."""
