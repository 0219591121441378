"""What a running worker or landing tells of itself: metrics, health, and the page they are on."""
