#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <CLI/CLI.hpp>

namespace fleet {

inline constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

/// Accepts whole numbers in [least, most].
CLI::Validator whole_number(std::int64_t least, std::int64_t most = kNoLimit);

/// Accept numbers of envs, and of threads from `least` on, that EnvOptions accepts.
CLI::Validator env_count();
CLI::Validator thread_count(int least);

/// What is wrong with a command line, in one line: what was given, the nearest name, where to look.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace fleet
