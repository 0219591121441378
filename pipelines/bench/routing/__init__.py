"""Doorstep's plans beside those of the free solvers, on the instances that researchers exchange."""
