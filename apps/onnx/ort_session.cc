#include "apps/onnx/ort_session.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <dlfcn.h>

// The wheel of ONNX Runtime has its library but not its C header, so what we call is declared here.
// The ABI is stable by ONNX Runtime's promise: OrtApi is a table of functions to which entries are
// only ever appended, so an entry's place never changes. parity_test calls all of them.

namespace fleet::onnx_files {
namespace {

struct OrtStatus;
using Function = void (*)();

/// Places in the table OrtApi.
enum Entry : std::size_t {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSessionFromArray = 8,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetIntraOpNumThreads = 24,
  kCreateTensorWithData = 49,
  kGetTensorMutableData = 51,
  kCreateCpuMemoryInfo = 69,
  kReleaseEnv = 92,
  kReleaseStatus = 93,
  kReleaseMemoryInfo = 94,
  kReleaseSession = 95,
  kReleaseValue = 96,
  kReleaseSessionOptions = 100,
};

struct OrtApiBase {
  const Function* (*get_api)(std::uint32_t version);
  const char* (*get_version)();
};

constexpr std::uint32_t kApiVersion = 17;  // any that has the entries above
constexpr int kError = 3;                  // OrtLoggingLevel: no warnings on stderr
constexpr int kFloat = 1;                  // ONNXTensorElementDataType
constexpr int kArena = 1;                  // OrtAllocatorType
constexpr int kDefaultMemory = 0;          // OrtMemType

}  // namespace

std::string find_onnxruntime(const std::string& third_party_dir) {
  const std::string folder = third_party_dir + "/onnxruntime/onnxruntime/capi";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with("libonnxruntime.so")) {
      return entry.path();
    }
  }
  throw std::runtime_error(folder + ": ONNX Runtime is missing; ./fleet fetches it");
}

struct OrtSession::Impl {
  const Function* api = nullptr;
  void* env = nullptr;
  void* options = nullptr;
  void* memory = nullptr;
  void* session = nullptr;
  std::string input, output, version;

  /// Calls an entry that returns an OrtStatus*, null if all went well.
  template <class... Arguments>
  void call(Entry entry, Arguments... arguments) const {
    OrtStatus* const status =
        reinterpret_cast<OrtStatus* (*)(Arguments...)>(api[entry])(arguments...);
    if (status == nullptr) {
      return;
    }
    const std::string message =
        reinterpret_cast<const char* (*)(const OrtStatus*)>(api[kGetErrorMessage])(status);
    release(kReleaseStatus, status);
    throw std::runtime_error("ONNX Runtime: " + message);
  }
  void release(Entry entry, void* object) const {
    if (object != nullptr) {
      reinterpret_cast<void (*)(void*)>(api[entry])(object);
    }
  }
  ~Impl() {
    if (api != nullptr) {
      release(kReleaseSession, session);
      release(kReleaseMemoryInfo, memory);
      release(kReleaseSessionOptions, options);
      release(kReleaseEnv, env);
    }
  }
};

OrtSession::OrtSession(const std::string& library, std::string_view model, std::string input,
                       std::string output)
    : impl_(std::make_unique<Impl>()) {
  void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    throw std::runtime_error("ONNX Runtime cannot be loaded: " + std::string(dlerror()));
  }
  const auto get_base = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (get_base == nullptr) {
    throw std::runtime_error(library + ": is no ONNX Runtime");
  }
  impl_->version = get_base()->get_version();
  impl_->api = get_base()->get_api(kApiVersion);
  if (impl_->api == nullptr) {
    throw std::runtime_error(library + ": ONNX Runtime " + impl_->version + " is too old");
  }
  impl_->input = std::move(input);
  impl_->output = std::move(output);
  impl_->call(kCreateEnv, kError, "fleet", &impl_->env);
  impl_->call(kCreateSessionOptions, &impl_->options);
  impl_->call(kSetIntraOpNumThreads, impl_->options, 1);
  impl_->call(kCreateCpuMemoryInfo, kArena, kDefaultMemory, &impl_->memory);
  impl_->call(kCreateSessionFromArray, static_cast<const void*>(impl_->env),
              static_cast<const void*>(model.data()), model.size(),
              static_cast<const void*>(impl_->options), &impl_->session);
}

OrtSession::~OrtSession() = default;

const std::string& OrtSession::version() const { return impl_->version; }

void OrtSession::run(BatchView<const float> observation, BatchView<float> action) {
  const std::int64_t shape[2] = {observation.num_rows(), observation.num_columns()};
  void* input = nullptr;
  // The runtime reads its input only; its C API has no const.
  impl_->call(kCreateTensorWithData, static_cast<const void*>(impl_->memory),
              const_cast<void*>(static_cast<const void*>(observation.data())),
              observation.size() * sizeof(float), static_cast<const std::int64_t*>(shape),
              std::size_t{2}, kFloat, &input);
  void* output = nullptr;
  const char* const input_name = impl_->input.c_str();
  const char* const output_name = impl_->output.c_str();
  try {
    impl_->call(kRun, impl_->session, static_cast<const void*>(nullptr), &input_name,
                static_cast<const void* const*>(&input), std::size_t{1}, &output_name,
                std::size_t{1}, &output);
    void* values = nullptr;
    impl_->call(kGetTensorMutableData, output, &values);
    std::memcpy(action.data(), values, action.size() * sizeof(float));
  } catch (...) {
    impl_->release(kReleaseValue, input);
    impl_->release(kReleaseValue, output);
    throw;
  }
  impl_->release(kReleaseValue, input);
  impl_->release(kReleaseValue, output);
}

}  // namespace fleet::onnx_files
