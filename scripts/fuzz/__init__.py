"""Texts and documents tried on FEEL and DMN, guided by the coverage of the code."""
