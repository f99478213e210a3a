# The engine, one image for every role. The virtual environment is built once and copied without the tools that made it.

FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# dependencies first: they change less often than the code
COPY pyproject.toml uv.lock .python-version README.md ./
RUN uv sync --frozen --no-dev --no-install-project
COPY engine engine
COPY adapters adapters
COPY projections projections
COPY tzurot.py ./
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.13-slim
# the key ring's directory exists in the image so that its volume belongs to the account
RUN useradd --system --create-home tzurot && install --directory --owner=tzurot --mode=0700 /keys
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER tzurot
ENTRYPOINT ["tzurot"]
CMD ["up"]
