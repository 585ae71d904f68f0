"""Spoken forms to written ones: numbers and what is made of them, each word's times kept."""
