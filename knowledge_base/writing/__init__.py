"""What editors do: write, review, translate, arrange, and keep true."""
