"""AWS's own protocols, spoken directly: JSON to five services and REST to S3, signed with Signature Version 4.

Importing botocore and reading its models took half of what the usual function's start takes, and its work on a call
two thirds of a warm request (tests/benchmarks). The dozen operations that anything here calls need little of it. That
each is sent as botocore sends it, signature included, is tested against botocore (tests/adapters/aws).
"""
