"""What every suite needs: a registry and clients as real processes, and the running of cases."""
