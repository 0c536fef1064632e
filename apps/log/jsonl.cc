#include "apps/log/jsonl.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

#include "apps/files/file_error.h"
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

/// Nothing for a line that was never finished.
std::optional<std::int64_t> iteration_of(const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  return json.is_object() && json.contains("iteration") && json["iteration"].is_number_integer()
             ? std::optional<std::int64_t>(json["iteration"])
             : std::nullopt;
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

void JsonlWriter::forget_after(std::int64_t iteration) {
  flush();
  std::ifstream file(file_.path(), std::ios::binary);
  std::uintmax_t end = 0;  // of the last line before the cut
  std::uintmax_t begin = 0;
  for (std::string line; std::getline(file, line); begin += line.size() + 1) {
    const std::optional<std::int64_t> found = iteration_of(line);
    if (found && *found > iteration) {
      break;
    }
    end = found ? begin + line.size() + 1 : end;
  }
  std::error_code error;
  std::filesystem::resize_file(file_.path(), end, error);
  if (error) {
    throw files::FileError(file_.path(), "", "cannot be cut: " + error.message());
  }
}

}  // namespace fleet::log
