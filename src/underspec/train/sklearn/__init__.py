"""Any scikit-learn classifier as a trainer."""
