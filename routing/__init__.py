"""Plans, travel times, ETAs, solvers and their independent evaluator; pure values in, values out."""
