#include "apps/log/jsonl.h"

#include <nlohmann/json.hpp>

#include "apps/files/file_handle.h"

namespace fleet::log {
namespace {

bool ends_within_a_line(const std::string& path) {
  const files::FileHandle file = files::open_for_reading(path);
  const std::uint64_t size = file.regular_size();
  std::byte last{'\n'};
  if (size > 0) {
    file.read_at({&last, 1}, size - 1);
  }
  return last != std::byte{'\n'};
}

}  // namespace

std::string json_line(const IterationLog& log) {
  nlohmann::ordered_json line = {{"iteration", log.iteration},
                                 {"num_iterations", log.num_iterations},
                                 {"env_steps", log.env_steps},
                                 {"collection_time", log.collection_time},
                                 {"learning_time", log.learning_time},
                                 {"total_time", log.total_time},
                                 {"eta", log.eta}};
  for (const auto& [tag, value] : log.scalars) {
    line[tag] = value;
  }
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

JsonlWriter::JsonlWriter(const std::string& path) : file_(path, LogFile::Open::kAppend) {
  if (ends_within_a_line(path)) {
    file_.append("\n");
  }
}

}  // namespace fleet::log
