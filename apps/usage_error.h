#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace fleet {

/// Accepts whole numbers of at least `least`.
CLI::Validator whole_number(int least);

/// What is wrong with a command line, in one line: what was given, the nearest name, where to look.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace fleet
