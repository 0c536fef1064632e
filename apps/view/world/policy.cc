#include "apps/view/world/policy.h"

#include <exception>
#include <utility>

namespace fleet::view {

Policy::Policy(std::string file) : file_(std::move(file)) {
  std::error_code ignored;
  time_ = std::filesystem::last_write_time(file_, ignored);
}

bool Policy::poll() {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(file_, error);
  if (error || time == time_) {
    return false;
  }
  time_ = time;
  try {
    problem_.clear();
    load();
    return true;
  } catch (const std::exception& failure) {
    problem_ = failure.what();
    return false;
  }
}

}  // namespace fleet::view
