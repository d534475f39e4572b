"""What `crowdlens demo` needs: photos that it makes itself, and the story they tell."""
