"""What is true of task dialogue: values and pure functions, with no input or output."""
