"""What a workspace is: its config file as strict models, its errors and its words."""
