#include "apps/files/file_error.h"
#include "apps/files/npy.h"
#include "tests/fuzz/fuzz.h"

/// Archives begin with "PK".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  return fuzz::run<files::FileError>([&] {
    const std::string_view bytes = fuzz::text_of(data, size);
    if (bytes.starts_with("PK")) {
      files::parse_npz(bytes, fuzz::kFile);
    } else {
      files::parse_npy(bytes, fuzz::kFile).values<double>();
    }
  });
}
