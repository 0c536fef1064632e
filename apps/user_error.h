#pragma once

#include <stdexcept>

namespace fleet {

/// The user asked for something that cannot be, said in one line; the program ends with exit
/// code 2. Mistakes in YAML and in files have types of their own: config::ConfigError,
/// files::FileError.
struct UserError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fleet
