"""The MS5.0 backend of the stand-in: an honest reference of the contract, and a folder apart for its lies."""
