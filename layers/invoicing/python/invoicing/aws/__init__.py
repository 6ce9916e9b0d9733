"""The one door to AWS: boto3 clients, made once per worker, and the meaning of what they raise."""
