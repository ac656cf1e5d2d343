"""PyTorch models as a trainer; nothing here is imported before a PyTorch trainer is used."""
