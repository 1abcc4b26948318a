"""The directory of services in and out of files: CSV, Open Referral UK (HSDS 3.0) JSON, and its public feed."""
