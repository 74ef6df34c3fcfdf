# Reads what for-ruby.ts prints, and prints what Ruby makes of it. Commands of the configs are not run: each prints a fixed text.
require "date"
require "erb"
require "json"
require "yaml"

module Dotenv
  def self.load(*) = nil
end

module Kernel
  alias_method :require_any, :require
  def require(name) = name == "dotenv" || require_any(name)
  def `(command) = command.start_with?("git ") ? "3f1c9e0\n" : "printed\n"
end

class << File
  alias_method :read_any, :read
  def read(path, ...) = path == ".ruby-version" ? "3.4.1\n" : read_any(path, ...)
end

KINDS = { NilClass => "null", TrueClass => "boolean", FalseClass => "boolean", Integer => "integer", Float => "float",
          Symbol => "symbol", Date => "date", Time => "time", String => "text" }.freeze

def plain(value)
  case value
  when Hash then value.to_h { |key, one| [key.to_s, plain(one)] }
  when Array then value.map { |one| plain(one) }
  when Symbol, Date, Time then value.to_s
  else value
  end
end

# As ActiveSupport's deep_merge.
def deep(below, above) = below.merge(above) { |_, a, b| a.is_a?(Hash) && b.is_a?(Hash) ? deep(a, b) : b }

def with_env(env)
  before = ENV.to_h
  ENV.update(env)
  yield
ensure
  ENV.replace(before)
end

def rendered(text) = ERB.new(text, trim_mode: "-").result(binding)

given = JSON.parse($stdin.read)
scanner = Psych::ScalarScanner.new(Psych::ClassLoader.new)
puts JSON.generate(
  ruby: RUBY_VERSION,
  psych: Psych::VERSION,
  scalars: given["scalars"].map { |text| scanner.tokenize(text).then { |value| [text, KINDS.fetch(value.class), value.to_s] } },
  templates: with_env("A" => "va") do
    given["templates"].map { |text| { template: text, text: rendered(text), value: plain(YAML.unsafe_load(rendered(text))) } }
  end,
  configs: given["configs"].to_h do |config|
    [config["name"], with_env(config["env"]) { plain(config["texts"].map { |text| YAML.unsafe_load(rendered(text)) }.reduce { |a, b| deep(a, b) }) }]
  end
)
