"""People in extreme hardship (特困人员): recognition, self-care, care, the draw, and the end."""
