//! The example scripts of the repository.
