"""Solvers behind one Protocol; none of them is believed before the evaluator has judged its answer."""
