"""What `make bench` and `make soak` share: a deployment of its own, its district and its client."""
