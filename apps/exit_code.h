#pragma once

#include <functional>

namespace fleet {

/// What every main() of ours returns: the command's exit code, or that of what it threw, said in
/// one line on stderr. 0 done, 1 failed, 2 bad usage or bad input. A result that could not be
/// printed is a failure.
int exit_code_of(const std::function<int()>& command);

}  // namespace fleet
