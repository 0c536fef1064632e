#include "apps/exit_code.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "apps/config/config_node.h"
#include "apps/files/file_error.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

constexpr const char* kNoMemory =
    "not enough memory; lower --num-envs, the agent's num_steps or buffer_size, or its networks";

/// Says what went wrong, in one line whatever the text. @returns `code`
int fail(std::string problem, int code) {
  std::ranges::replace(problem, '\n', ' ');
  // Not by fmt::print, which throws where stderr has gone.
  std::fputs(("fleet: " + files::one_line(problem, 2000) + "\n").c_str(), stderr);
  return code;
}

/// A result that did not get out is no success. @returns the exit code
int require_printed(int code) {
  const bool is_printed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  return code != 0 || is_printed ? code : fail("stdout: cannot be written", 1);
}

int run_or_fail(const std::function<int()>& command) {
  try {
    return command();
  } catch (const config::ConfigError& error) {
    return fail(error.what(), 2);
  } catch (const files::DiskError& error) {
    return fail(error.what(), 1);
  } catch (const files::FileError& error) {
    return fail(error.what(), 2);
  } catch (const UserError& error) {
    return fail(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return fail(kNoMemory, 1);
  } catch (const std::length_error&) {
    return fail(kNoMemory, 1);
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
}

}  // namespace

int exit_code_of(const std::function<int()>& command) {
  return require_printed(run_or_fail(command));
}

}  // namespace fleet
