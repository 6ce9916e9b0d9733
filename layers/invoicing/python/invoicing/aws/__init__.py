"""All access to AWS: boto3 clients, made once per worker, and the meaning of their errors."""
