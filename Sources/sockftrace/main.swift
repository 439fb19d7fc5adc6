print("sockftrace")
