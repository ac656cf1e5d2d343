"""Fundus photographs graded for diabetic retinopathy, in the layouts they are published in."""
